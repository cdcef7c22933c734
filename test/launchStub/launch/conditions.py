"""launch.conditions: the one that our launch file uses."""


class IfCondition:
    """True for the texts that launch takes for true; raises for any text it does not know."""

    def __init__(self, predicate_expression):
        self.predicate = predicate_expression

    def evaluate(self, context):
        """The condition's value."""
        text = self.predicate.perform(context).strip().lower()
        if text in ('true', '1'):
            return True
        if text in ('false', '0'):
            return False
        raise ValueError(f"condition is '{text}'; expected true, false, 1 or 0")
