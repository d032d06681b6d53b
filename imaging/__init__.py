"""What scenes, methods and metrics share: image files, 8-bit rules, filters, plug-ins, fetching.

An *image* everywhere in this program is a float32 array, H x W (gray) or H x W x 3 (RGB), in [0, 1].
Eight bits exist only at the file boundary (`imaging.files`) and inside metrics and methods whose
definition asks for 8-bit grey levels (`imaging.levels`, the one rounding rule).
"""
