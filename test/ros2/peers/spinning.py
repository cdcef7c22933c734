"""A node that spins in a thread of its own while the main thread does something else with it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node


@contextmanager
def spinning(name: str) -> Iterator[tuple[Node, SingleThreadedExecutor]]:
    """A node of that name and its executor, which has ended afterwards."""
    rclpy.init()
    node = rclpy.create_node(name)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    is_over = threading.Event()

    def spin() -> None:
        while not is_over.is_set():
            try:
                executor.spin()
            except rclpy_implementation.InvalidHandle:
                # The main thread has destroyed what the executor was just about to wait for.
                continue

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        yield node, executor
    finally:
        is_over.set()
        executor.shutdown()
        thread.join()
        node.destroy_node()
        rclpy.shutdown()
