"""A project that takes payments with the app `gate_payments`, and nothing else.

SHOP_DATABASE=shop.db ZEROGATE_SECRET_KEY=sk_test_shop ZEROGATE_BASE_URL=http://127.0.0.1:4000/v1 \\
ZEROGATE_WEBHOOK_SECRET=whsec_test_shop python manage.py migrate && … python manage.py gate_migrate
… python manage.py runserver, and every minute … python manage.py gate_recover && … gate_drain
"""
