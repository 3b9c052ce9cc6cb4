"""A payer to test against: takes Claims over HTTP, keeps them, and answers as it was told."""

from adapter.payer.application import Payer as Payer, create_payer as create_payer
from adapter.payer.behaviour import Behaviour as Behaviour, load_behaviour as load_behaviour

__all__ = ["Behaviour", "Payer", "create_payer", "load_behaviour"]
