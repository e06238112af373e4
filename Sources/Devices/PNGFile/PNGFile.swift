import CPNG
import MediaTypes

/// A picture as a PNG file (libpng's simplified API).
public enum PNGFile {}
