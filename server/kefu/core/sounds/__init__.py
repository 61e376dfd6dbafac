"""How Chinese words sound, to read a word that was typed with another of the same sound (武汗, 膨闰土)."""

from kefu.core.sounds.homophones import Homophones, sound_of

__all__ = ["Homophones", "sound_of"]
