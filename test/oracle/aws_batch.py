"""Holds files against what AWS Batch takes, by botocore's model of the service.

Usage: aws_batch.py OPERATION FILE [OPERATION FILE...]     RegisterJobDefinition or SubmitJob
Prints what is wrong, a line each; nothing where all is right.
"""

import json
import sys

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

batch = ServiceModel(Loader().load_service_model("batch", "service-2"))
for operation, path in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    shape = batch.operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape).generate_report()
    if report:
        print(f"{path}: {report}")
