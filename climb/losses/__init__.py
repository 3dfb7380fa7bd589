"""Token losses, one small file each; `climb.losses.token_loss.make_loss` finds them by this folder."""
