"""Settings: as little as a shop needs."""

import os
from secrets import token_hex

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY") or token_hex(32)
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["shop"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "shop.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["SHOP_DATABASE"],
        # Who will write waits at the beginning, not in the middle.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10},
    }
}
