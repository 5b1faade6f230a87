import pytest

from pixel.metrics.outliers import outliers


def test_the_score_is_the_distance_over_the_median_distance():
    # distances from the median 3: 2, 1, 0, 1, x; their median is 1, so 3.5 / .6745 = 5.19 is where it begins
    assert outliers([1, 2, 3, 4, 3 + 5.1])[-1] is False
    assert outliers([1, 2, 3, 4, 3 + 5.3])[-1] is True


def test_where_most_values_are_equal_the_mean_distance_stands_in():
    assert outliers([2.0] * 9 + [2.5]) == [False] * 9 + [True]
    assert not any(outliers([2.0] * 10))


@pytest.mark.parametrize("values", [[], [1.0], [0, 0, 0, 100]])
def test_few_values_cannot_stand_out(values):
    assert not any(outliers(values))
