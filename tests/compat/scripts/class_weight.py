# Imbalanced classes
import numpy as np
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.utils.class_weight import compute_class_weight
from tensorflow import keras

rng = np.random.RandomState(7)
x = np.concatenate([rng.normal(0, 1, (450, 4)), rng.normal(1.5, 1, (50, 4))])
y = np.array([0] * 450 + [1] * 50)
weights = compute_class_weight(class_weight="balanced", classes=np.unique(y), y=y)
class_weight = dict(enumerate(weights))
print({k: round(float(v), 3) for k, v in class_weight.items()})


def build():
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(
        "adam",
        "binary_crossentropy",
        metrics=[keras.metrics.Recall(name="recall"), keras.metrics.Precision(name="precision"), keras.metrics.AUC(name="auc")],
    )
    return model


plain = build()
plain.fit(x, y, epochs=40, verbose=0)
weighted = build()
weighted.fit(x, y, epochs=40, class_weight=class_weight, verbose=0)
a, b = (m.evaluate(x, y, return_dict=True, verbose=0) for m in (plain, weighted))
print(sorted(a))
print("recall rises:", b["recall"] > a["recall"])
predicted = (weighted.predict(x, verbose=0) > 0.5).astype("int32")
print(confusion_matrix(y, predicted).sum(), classification_report(y, predicted, output_dict=True)["1"]["recall"] > 0.5)
