# SPDX-License-Identifier: Apache-2.0
"""The descriptors of the published API, compiled from Protocols/ when the tests start."""

import pathlib
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2  # noqa: F401
from grpc_health.v1 import health_pb2
from grpc_tools import protoc

PROTOCOLS = pathlib.Path(__file__).resolve().parents[3] / "Protocols"


def compiled_files():
    """Returns the FileDescriptorProto of each .proto file, comments included."""
    files = sorted((PROTOCOLS / "stockade" / "v1").glob("*.proto"))
    with tempfile.TemporaryDirectory(prefix="stockade-schema-") as directory:
        output = pathlib.Path(directory) / "set.binpb"
        arguments = [
            "protoc",
            f"-I{PROTOCOLS}",
            "--include_source_info",
            "--include_imports",
            f"--descriptor_set_out={output}",
        ]
        if protoc.main(arguments + [str(file) for file in files]) != 0:
            raise RuntimeError("protoc refused the .proto files")
        return list(descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes()).file)


FILES = compiled_files()
POOL = descriptor_pool.DescriptorPool()
for _file in FILES:
    POOL.Add(_file)


def message_class(name):
    """Returns the class of the message `name`, of ours or of the standard ones."""
    if name.startswith("stockade."):
        return message_factory.GetMessageClass(POOL.FindMessageTypeByName(name))
    if name.startswith("grpc.health.v1."):
        return getattr(health_pb2, name.rpartition(".")[2])
    return getattr(status_pb2, name.rpartition(".")[2])


OWN_MESSAGES = [
    f"{file.package}.{message.name}" for file in FILES for message in file.message_type
]
MESSAGES = OWN_MESSAGES + [
    "grpc.health.v1.HealthCheckRequest",
    "grpc.health.v1.HealthCheckResponse",
]
FIELDS = [
    (name, field.name) for name in MESSAGES for field in message_class(name).DESCRIPTOR.fields
]
METHODS = [
    f"/{file.package}.{service.name}/{method.name}"
    for file in FILES
    for service in file.service
    for method in service.method
] + ["/grpc.health.v1.Health/Check"]


def enums():
    """Returns {full name: {number: name without the enum's prefix}} of every enum."""
    found = {}
    for file in FILES:
        for enum in file.enum_type:
            prefix = enum.value[0].name.removesuffix("UNSPECIFIED")
            found[f"{file.package}.{enum.name}"] = {
                value.number: value.name.removeprefix(prefix) for value in enum.value
            }
    status = health_pb2.HealthCheckResponse.DESCRIPTOR.enum_types_by_name["ServingStatus"]
    found[status.full_name] = {value.number: value.name for value in status.values}
    return found


def field_comments():
    """Yields (message.field, comment) of every field of ours."""
    message_field, field_field = 4, 2  # field numbers in FileDescriptorProto, DescriptorProto
    for file in FILES:
        for location in file.source_code_info.location:
            path = list(location.path)
            if len(path) == 4 and path[0] == message_field and path[2] == field_field:
                message = file.message_type[path[1]]
                comment = " ".join(location.leading_comments.split())
                yield f"{message.name}.{message.field[path[3]].name}", comment


def reason_comments():
    """Yields (name without prefix, number, comment) of every Reason."""
    enum_field, value_field = 5, 2  # field numbers in FileDescriptorProto, EnumDescriptorProto
    for file in FILES:
        for location in file.source_code_info.location:
            path = list(location.path)
            if len(path) == 4 and path[0] == enum_field and path[2] == value_field:
                enum = file.enum_type[path[1]]
                if enum.name == "Reason":
                    value = enum.value[path[3]]
                    comment = " ".join(location.leading_comments.split())
                    yield value.name.removeprefix("REASON_"), value.number, comment
