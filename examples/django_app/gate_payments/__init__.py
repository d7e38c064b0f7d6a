"""A Django app for 0Gate: the journal and the inbox in Django's own database, seen as models.

Put it into INSTALLED_APPS, include its urls, and set GATE_HANDLER and GATE_WEBHOOK_SECRET. `manage.py
gate_migrate` makes the tables; `gate_recover`, `gate_drain` and `gate_forget` are for your scheduler.
"""
