"""Networks of one's own as estimators of scikit-learn (`keras.wrappers`): needs `pip install chainrule[sklearn]`."""

from ..later import later

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
__getattr__ = later(__name__, {"estimators": __all__})
