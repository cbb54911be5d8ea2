"""The rules of the policy beside its routes: who must release, what is muted, what is silenced, and which version holds."""
