"""Addresses of the project: the app's door for webhooks."""

from django.urls import include, path

urlpatterns = [path("gate/", include("gate_payments.urls"))]
