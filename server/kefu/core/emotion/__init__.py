"""How the customer feels, from their own words, with the words as evidence."""

from kefu.core.emotion.read import CALM, LEVELS, Emotion, EmotionSettings, Soothing, read_emotion, soothe

__all__ = ["CALM", "LEVELS", "Emotion", "EmotionSettings", "Soothing", "read_emotion", "soothe"]
