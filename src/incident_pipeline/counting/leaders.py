"""Numbers by party, of which the two largest are at hand: however many parties speak, most lines cost the same."""

from __future__ import annotations


class Leaders:
    """Numbers by party."""

    __slots__ = ("_first", "_first_party", "_second", "_second_party", "_stale", "numbers")

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        """None is zero."""
        self._stale = True
        """Nothing is ranked before it is asked for."""
        self._first = self._second = 0
        self._first_party = self._second_party = ""

    def change(self, party: str, by: int) -> None:
        """Change a party's number. Ranking waits where one of the two largest falls."""
        number = self.numbers.get(party, 0) + by
        if number:
            self.numbers[party] = number
        else:
            self.numbers.pop(party, None)
        if self._stale:
            return
        if by < 0:
            self._stale = party in {self._first_party, self._second_party}
        else:
            self._rise(party, number)

    def two(self) -> tuple[int, int]:
        """Tell the largest and the second largest; 0 where there is none."""
        if self._stale:
            self._stale = False
            self._first = self._second = 0
            self._first_party = self._second_party = ""
            for party, number in self.numbers.items():
                self._rise(party, number)
        return self._first, self._second

    def largest_without(self, party: str) -> int:
        """Tell the largest number of the others."""
        first, second = self.two()
        return second if party == self._first_party else first

    def _rise(self, party: str, number: int) -> None:
        if party == self._first_party:
            self._first = number
        elif number > self._first:
            self._second, self._second_party = self._first, self._first_party
            self._first, self._first_party = number, party
        elif party == self._second_party or number > self._second:
            self._second, self._second_party = number, party
