"""launch.launch_description_sources: the one that our launch files use."""

import importlib.util


class PythonLaunchDescriptionSource:
    """A launch file in Python."""

    def __init__(self, launch_file_path):
        self.path = launch_file_path

    def get_launch_description(self, context):
        """What the file's generate_launch_description returns."""
        spec = importlib.util.spec_from_file_location('launch_file', self.path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.generate_launch_description()
