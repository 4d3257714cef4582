/**
 * ONNX Runtime for Linux reports to its maker from version 1.29 on unless told not to: sessions and models, an id of the
 * device, kept in the home folder until they can be sent. To be imported before the library is.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
