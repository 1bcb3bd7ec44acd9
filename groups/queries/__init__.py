"""Reads of several tables, each as the API, the admin and performance_test use it."""
