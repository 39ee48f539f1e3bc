"""The operations of the AWS KMS API, by family."""
