"""Settings of the project: what the app reads of them begins with GATE_."""

import os
from secrets import token_hex

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY") or token_hex(32)
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["gate_payments"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "project.urls"
USE_TZ = True
_FILE = os.environ.get("SHOP_DATABASE", "shop.db")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _FILE,
        # Who will write waits at the beginning, not in the middle.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10},
        # A file in tests too: the store has a connection of its own.
        "TEST": {"NAME": f"{_FILE}.test"},
    }
}
#: What an event means for your orders: a function of `EventContext`, run in a transaction of this database.
GATE_HANDLER = "project.orders.fulfil"
GATE_WEBHOOK_SECRET = os.environ.get("ZEROGATE_WEBHOOK_SECRET", "")
#: Options of Gate(…), beside those in the environment.
GATE_OPTIONS: dict[str, object] = {}
