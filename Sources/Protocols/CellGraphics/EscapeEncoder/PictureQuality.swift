/// Whether a picture may be shown approximately where that saves bytes.
public enum PictureQuality: String, Sendable, CaseIterable {
    /// Within the thresholds, which rise for a slow terminal.
    case lossy
    /// Every cell right, whatever it costs.
    case exact
}
