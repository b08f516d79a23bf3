"""`python -m giayto_sdk.cli`, where no script was installed."""

from giayto_sdk.cli.app import main

main()
