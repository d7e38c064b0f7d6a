# Generated from openapi/gate-v1.yaml by `nox -s regenerate`: edit that, not this.
"""Contains endpoint functions for accessing the API"""
