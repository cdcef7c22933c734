/**
 * Turns the telemetry of ONNX Runtime off, unless the user has set its variable: version 1.30 keeps a device id and a
 * database in the home directory and a file in the working directory, and sends what it collects to its makers.
 *
 * To be imported before onnxruntime-node, and by the thread that starts a worker in which that is loaded: what a worker
 * sets in process.env does not reach native code.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
