"""What is taken out of the text: rules by source, and repetitions."""
