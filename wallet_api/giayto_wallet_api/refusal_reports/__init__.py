"""What citizens report: papers that were asked for although nobody may."""
