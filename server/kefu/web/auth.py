"""Who calls: a bearer token is one shop."""

from __future__ import annotations

from flask import current_app, g, request

from kefu.errors import Unauthorized
from kefu.store.shops import Shop


def current_shop() -> Shop:
    """The shop of this request's bearer token; raises Unauthorized."""
    if "shop" not in g:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthorized("This call needs a token.", "Send the header `Authorization: Bearer <shop token>`.")
        g.shop = current_app.extensions["kefu"].shop_of_token(token.strip())
    return g.shop
