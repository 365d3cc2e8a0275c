// The AWS SDK warns each process that runs a Node below 22: its releases after January 2027 will not run there. Versions are
// exact here, so the warning tells nobody anything. Imported before the SDK; processes that are started inherit it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
