"""Fine-tuning evaluation: GLUE and kin, by named recipes, several seeds, any masked or causal model."""
