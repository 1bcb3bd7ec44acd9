from django.apps import AppConfig


class FoodShareConfig(AppConfig):
    name = "foodshare"
    verbose_name = "FoodShare"
