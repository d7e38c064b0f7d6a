"""A small shop on Django: it takes a payment on the checkout page and ships on the webhook's word only.

SHOP_DATABASE=shop.db SHOP_CHECKOUT=http://127.0.0.1:8080/_sandbox/checkout \\
ZEROGATE_SECRET_KEY=sk_test_shop ZEROGATE_BASE_URL=http://127.0.0.1:8080/v1 \\
ZEROGATE_WEBHOOK_SECRET=whsec_… python manage.py migrate --run-syncdb
… python manage.py runserver, and beside it … python manage.py work
"""
