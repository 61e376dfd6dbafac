"""Entry point that Dify's plugin daemon starts with ``python -m main``."""

from dify_plugin import DifyPluginEnv, Plugin

# The daemon allows a call 600 s at most; ours end after 13 (tools/server_call.py).
plugin = Plugin(DifyPluginEnv(MAX_REQUEST_TIMEOUT=120))

if __name__ == "__main__":
    plugin.run()
