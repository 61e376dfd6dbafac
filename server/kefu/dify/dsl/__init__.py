"""The Chatflow family: one short YAML source an app (``dify_apps/src``), rendered for each Dify version, and a linter.

``source`` reads and checks a source · ``nodes`` says what each kind of node becomes · ``render`` builds the file ·
``versions`` knows the Dify versions · ``layout`` places the nodes · ``check`` refuses what would break in Dify.
"""
