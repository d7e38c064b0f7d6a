"""Addresses of the app."""

from django.urls import path

from .views import receive

app_name = "gate_payments"
urlpatterns = [path("webhooks", receive, name="webhooks")]
