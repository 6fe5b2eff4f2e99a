"""What is shown of the log: folds that can be dropped and rebuilt from it, and that nothing decides by."""
