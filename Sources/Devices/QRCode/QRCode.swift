import CQREncode

/// The modules of a QR code (libqrencode).
public struct QRCode: Equatable, Sendable {}
