"""How the S3 backend speaks, so that Alibaba OSS understands it; imported by settings, so no Django in it.

OSS refuses the aws-chunked bodies with checksum trailers that boto3 sends by default over https, and every path-style
address. django-storages ignores its own `addressing_style` and `signature_version` options once `client_config` is
given, so both are set in there.
"""

from typing import Any

MEBIBYTE = 1 << 20


def s3_options(
    *,
    bucket: str,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
    addressing_style: str = "virtual",
    signature_version: str = "s3v4",
) -> dict[str, Any]:
    """OPTIONS of `storages.backends.s3.S3Storage`. `signature_version="s3"` is the older form in OSS's own examples.

    Call it only when there is a bucket: importing boto3 takes half a second, so it is done in here.
    """
    from boto3.s3.transfer import TransferConfig  # noqa: TID251  the storage's own options, which settings need early
    from botocore.config import Config  # noqa: TID251  as above

    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint_url or None,
        "region_name": region_name or None,
        "client_config": Config(
            signature_version=signature_version,
            s3={"addressing_style": addressing_style},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 3, "mode": "standard"},
        ),
        "transfer_config": TransferConfig(
            multipart_threshold=64 * MEBIBYTE, multipart_chunksize=8 * MEBIBYTE, max_concurrency=2
        ),
        "file_overwrite": False,
        "querystring_auth": True,
        "querystring_expire": 3600,
        "default_acl": None,
        "max_memory_size": 8 * MEBIBYTE,
        "object_parameters": {"CacheControl": "private, max-age=31536000, immutable"},
    }
    if access_key and secret_key:  # otherwise botocore looks for a role of the machine
        options |= {"access_key": access_key, "secret_key": secret_key}
    return options
