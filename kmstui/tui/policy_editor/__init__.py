"""The editor of policies: text with remarks beside its lines, templates, a review before saving.

A place brings a policy into it by deriving from
:class:`kmstui.tui.policy_editor.view.PolicyEditor`.
"""
