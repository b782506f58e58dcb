"""What every room stands on and no lesson uses: arguments, paths, files, locks, processes, tables.

Nothing here knows of images, networks or lessons.
"""
