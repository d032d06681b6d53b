"""Images: their files, form, rounding to 8 bits, filters, and what is known exactly of a scene.

An *image* everywhere in this program is a float32 array, H x W (gray) or H x W x 3 (RGB), in [0, 1]; `imaging.checks`
says so at every public function. Eight bits exist only at the file boundary (`imaging.files`) and inside metrics and
methods whose definition asks for 8-bit grey levels (`imaging.levels`, the one rounding rule).
"""
