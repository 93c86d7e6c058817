"""Tests name the requirement rows they prove; the end of every run lists the rows that none names."""

from tests.requirement_rows import ids_in, ids_named_by_tests, ids_required


def test_tests_name_only_rows_that_exist():
    unknown = {one: files for one, files in ids_named_by_tests().items() if one not in ids_required()}
    assert not unknown


def test_the_rows_are_read():
    assert {"R01", "R36"} & ids_required() == {"R01"}
    assert len(ids_required()) >= 40


def test_a_mark_is_found_on_a_function_a_class_and_a_module():
    on_module = 'pytestmark = pytest.mark.req("R01")\n'
    on_class = '@pytest.mark.req("R02", "R03")\nclass TestX: ...\n'
    on_function = '@mark.req("R04")\ndef f(): ...'
    assert ids_in(on_module + on_class + on_function) == {"R01", "R02", "R03", "R04"}
