"""Whole lives of orders in virtual time, decided by a seed: faults, deaths, outages, users who pay."""
