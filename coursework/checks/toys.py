"""Small examples that can be worked out by hand; pages and checks share them."""

from __future__ import annotations

import numpy as np

EDGES = (
    (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 4),
    (4, 5), (5, 6), (5, 8), (6, 7), (6, 8), (7, 8), (8, 9),
)  # fmt: skip

PLACES = np.array(
    [[0, 1], [1, 2], [1, 0], [2, 1], [3.2, 1], [4.4, 1], [5.4, 2], [6.4, 1], [5.4, 0], [6.6, -0.6]]
)  # where to draw the nodes of `bridge`


def bridge() -> np.ndarray:
    """Return a graph of ten nodes: two groups, joined by the node 4.

    Returns
    -------
    ndarray of bool, shape (10, 10)

    Examples
    --------
    >>> bridge().sum(0).tolist()
    [3, 3, 3, 4, 2, 3, 3, 2, 4, 1]
    """
    return _graph(10, EDGES)


def ring(n: int = 10, neighbours: int = 4) -> np.ndarray:
    """Return a ring lattice: each node is joined to its nearest nodes.

    Parameters
    ----------
    n : int, default=10
        Number of nodes.
    neighbours : int, default=4
        Degree of each node, even and below n.

    Returns
    -------
    ndarray of bool, shape (n, n)

    Examples
    --------
    >>> ring(6, 2).sum(0).tolist()
    [2, 2, 2, 2, 2, 2]
    """
    steps = range(1, neighbours // 2 + 1)
    return _graph(n, [(i, (i + step) % n) for i in range(n) for step in steps])


def shortcuts() -> np.ndarray:
    """Return a ring lattice of 40 nodes with four neighbours each, and six shortcuts.

    Returns
    -------
    ndarray of bool, shape (40, 40)

    Examples
    --------
    >>> int(shortcuts().sum()) // 2
    86
    """
    ways = [(0, 20), (3, 25), (5, 30), (10, 33), (10, 22), (15, 38)]
    return ring(40, 4) | _graph(40, ways)


def signals() -> np.ndarray:
    """Return the activations of two units for five images.

    Returns
    -------
    ndarray, shape (5, 2)

    Examples
    --------
    >>> signals().T.tolist()
    [[1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0]]
    """
    return np.array([[1, 2], [2, 1], [3, 4], [4, 3], [5, 5]], dtype=float)


def ten_units(n_images: int = 200, seed: int = 0) -> np.ndarray:
    """Return the activations of ten units that follow two hidden causes.

    Units 0 to 3 follow one cause (3 turned upside down), units 5 to 8 another, unit 4 both, and
    unit 9 neither.

    Parameters
    ----------
    n_images : int, default=200
        Number of images.
    seed : int, default=0
        Seed.

    Returns
    -------
    ndarray, shape (n_images, 10)
    """
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, n_images, 1))
    a = np.array([1, 1, 1, -1, 0.7, 0, 0, 0, 0, 0])
    b = np.array([0, 0, 0, 0, 0.7, 1, 1, 1, 1, 0])
    return first * a + second * b + 0.5 * rng.normal(size=(n_images, 10))


def common_cause(n_images: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return two units that know the class of an image and nothing else of each other.

    Parameters
    ----------
    n_images : int, default=300
        Number of images.
    seed : int, default=0
        Seed.

    Returns
    -------
    units : ndarray, shape (n_images, 2)
    classes : ndarray of int, shape (n_images,)
        0, 1 or 2.
    """
    rng = np.random.default_rng(seed)
    classes = np.arange(n_images) % 3
    means = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 2.5]])
    return means[classes] + rng.normal(scale=0.7, size=(n_images, 2)), classes


def tuned_units(n_units: int = 10, n_images: int = 360) -> np.ndarray:
    """Return units that prefer one direction each, for images of all directions.

    Parameters
    ----------
    n_units, n_images : int, default=10 and 360
        Preferred directions cover half a turn evenly, images a whole turn.

    Returns
    -------
    ndarray, shape (n_images, n_units)
        The correlation of units i and j is cos(pi (i - j) / n_units).
    """
    shown = np.linspace(0, 2 * np.pi, n_images, endpoint=False)[:, None]
    return np.cos(shown - np.pi * np.arange(n_units) / n_units)


def circle(n: int = 10, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Return points on a circle of radius 1.

    Parameters
    ----------
    n : int, default=10
        Number of points.
    noise : float, default=0.0
        Standard deviation of each coordinate.
    seed : int, default=0
        Seed of the noise.

    Returns
    -------
    ndarray, shape (n, 2)
    """
    turns = 2 * np.pi * np.arange(n) / n
    even = np.column_stack([np.cos(turns), np.sin(turns)])
    return even + noise * np.random.default_rng(seed).normal(size=(n, 2))


def distances(points: np.ndarray) -> np.ndarray:
    """Return the Euclidean distances between points.

    Parameters
    ----------
    points : ndarray, shape (n, d)

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric, diagonal 0.
    """
    gaps = points[:, None] - points[None]
    return np.sqrt((gaps**2).sum(-1))


def linear_model() -> tuple[np.ndarray, float, np.ndarray]:
    """Return a linear classifier of ten pixels, and one image.

    Its score is weights @ image + bias; the answer is "yes" if the score is positive.

    Returns
    -------
    weights : ndarray, shape (10,)
    bias : float
    image : ndarray, shape (10,), in [0, 1]

    Examples
    --------
    >>> weights, bias, image = linear_model()
    >>> round(float(weights @ image + bias), 2), float(np.abs(weights).sum())
    (1.2, 12.0)
    """
    weights = np.array([2, -1, 1, -1, 2, -1, 1, -1, 1, -1], dtype=float)
    image = np.array([0.9, 0.3, 0.1, 0.2, 0.8, 0.1, 0.7, 0.3, 0.8, 0.9])
    return weights, -2.0, image


def diagrams() -> tuple[np.ndarray, np.ndarray]:
    """Return two small persistence diagrams, sorted along the diagonal.

    Returns
    -------
    tuple of ndarray, shapes (10, 2) and (9, 2)

    Examples
    --------
    >>> one, two = diagrams()
    >>> len(one), len(two), bool((one[:, 0] < one[:, 1]).all())
    (10, 9, True)
    """
    rng = np.random.default_rng(7)
    found = []
    for count in (10, 9):
        births = rng.uniform(0, 0.9, count)
        points = np.column_stack([births, births + rng.uniform(0.02, 0.3, count)])
        found.append(points[np.argsort(points.sum(axis=1))])
    return found[0], found[1]


def arms() -> tuple[np.ndarray, np.ndarray]:
    """Return a measure of ten pairs of networks, in an arm and in its reference arm.

    Returns
    -------
    arm, reference : ndarray, shape (10,)
    """
    reference = np.array([61, 64, 58, 66, 63, 60, 67, 62, 59, 65]) / 100
    gain = np.array([3, 1, 4, -1, 2, 5, 0, 3, -1, 2]) / 100
    return reference + gain, reference


def _graph(n: int, edges: object) -> np.ndarray:
    adjacency = np.zeros((n, n), dtype=bool)
    i, j = np.array(edges).T
    adjacency[i, j] = adjacency[j, i] = True
    return adjacency
