export { fakednnMagic, renderModelInfo } from '../../tools/fakednn/modelInfo.mjs';
export { writeFakeModel } from '../../tools/fakednn/record.mjs';
export { fakednnLibrary } from '../native/fakednn/library.js';
