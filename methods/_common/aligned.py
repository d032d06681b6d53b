"""Tiles whose borders lie on a grid, for networks that halve the image or cut it into windows."""

from methods._common.torch import Tile, tiles


def aligned_tiles(shape: tuple, step: int, halo: int, longest: int) -> list[Tile]:
    """Tiles that cover an image, with and without their surroundings starting at multiples of `step`.

    Parameters
    ----------
    shape : tuple of int
        Height and width.
    step : int
        Pixels of the grid; the last row and column of tiles may end off it, at the border of the image.
    halo : int
        Pixels beyond a tile that its result depends on, a multiple of `step`.
    longest : int
        Longest side of a tile without its surroundings; at least `step`.

    Returns
    -------
    list of methods._common.torch.Tile
    """
    cells = tuple(-(-length // step) for length in shape)
    coarse = tiles(cells, halo // step, max(longest // step, 1))
    return [Tile(_pixels(tile.inner, step, shape), _pixels(tile.outer, step, shape)) for tile in coarse]


def _pixels(part, step, shape):
    return tuple(
        slice(cells.start * step, min(cells.stop * step, length)) for cells, length in zip(part, shape, strict=True)
    )
