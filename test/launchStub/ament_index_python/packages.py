"""ament_index_python.packages: looks packages up in the prefixes of AMENT_PREFIX_PATH, as the genuine one does."""

import os


class PackageNotFoundError(KeyError):
    """A package is in none of the prefixes."""


def get_package_share_directory(package_name):
    """Folder `share/NAME` of an installed package."""
    for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep):
        if os.path.exists(os.path.join(prefix, 'share/ament_index/resource_index/packages', package_name)):
            return os.path.join(prefix, 'share', package_name)
    raise PackageNotFoundError(package_name)
