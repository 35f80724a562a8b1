export type ImportStore = ReturnType<typeof createImportStore>;

export const createImportStore = (_deps: object) => ({
  add: (): never => {
    throw new Error('TODO');
  },
});
