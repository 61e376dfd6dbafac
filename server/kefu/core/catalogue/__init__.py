"""Products, stock, delivery and compatibility: what a shop can truthfully say about what it sells."""

from kefu.core.catalogue.answers.extremes import extreme_answer, extreme_in
from kefu.core.catalogue.answers.shelf import Ask, Shelf, StockAnswer, StockOf, StockState, stock_state
from kefu.core.catalogue.answers.stock import stock_answer
from kefu.core.catalogue.catalogue import Catalogue
from kefu.core.catalogue.delivery.answer import delivery_answer
from kefu.core.catalogue.delivery.promises import Delivery, DeliveryBook, promise_delivery
from kefu.core.catalogue.fit.answer import FitAnswer, fit_answer
from kefu.core.catalogue.fit.compatibility import Compatibility, DeviceMatch, Fit
from kefu.core.catalogue.lead import LeadTime
from kefu.core.catalogue.names.labels import full_name, label
from kefu.core.catalogue.values import (
    EVERYWHERE,
    UNSPLIT,
    CompatibilityPair,
    CompatibilityRule,
    DeliveryPromise,
    Device,
    Holiday,
    JargonTerm,
    Place,
    Product,
    Resolution,
    StockRow,
    Variant,
    Wanted,
    When,
)

__all__ = [
    "EVERYWHERE", "UNSPLIT", "Ask", "Catalogue", "Compatibility", "CompatibilityPair", "CompatibilityRule", "Delivery",
    "DeliveryBook", "DeliveryPromise", "Device", "DeviceMatch", "Fit", "FitAnswer", "Holiday", "JargonTerm", "LeadTime",
    "Place", "Product", "Resolution", "Shelf", "StockAnswer", "StockOf", "StockRow", "StockState", "Variant", "Wanted",
    "When", "delivery_answer", "extreme_answer", "extreme_in", "fit_answer", "full_name", "label", "promise_delivery",
    "stock_answer", "stock_state",
]  # fmt: skip
