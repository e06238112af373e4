import DTLS
import ICE

/// OpenSSL's, as in the program.
let testHMAC: HMACSHA1 = opensslHMACSHA1
let testMD5: MD5 = opensslMD5
