"""Makes and families of phones and computers, as customers write them: a part of a regular expression."""

MAKES = (
    "iphone|ipad|macbook|imac|airpods|apple watch|苹果|华为|huawei|荣耀|honor|小米|xiaomi|红米|redmi|vivo|iqoo|oppo|"
    "realme|真我|一加|oneplus|魅族|meizu|三星|samsung|galaxy|thinkpad|thinkbook|ideapad|联想|lenovo|拯救者|legion|小新|yoga|"
    "戴尔|dell|xps|外星人|alienware|灵越|惠普|hp|暗影精灵|战66|光影精灵|华硕|asus|天选|rog|枪神|幻|灵耀|无畏|宏碁|acer|掠夺者|暗影骑士|"
    "latitude|inspiron|vostro|precision|elitebook|probook|pavilion|omen|victus|zenbook|vivobook|aspire|nitro|魔霸|幻影|神舟|hasee|战神|机械革命|雷神|微软|surface|matebook|magicbook|mate|nova|pura|畅享|note|find|reno|荣耀magic|magic|switch|ps5|kindle"
)
