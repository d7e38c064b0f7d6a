# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
"""Contains methods for accessing the API"""
