/** Name of the recogniser's model that the packages bring along; any other name is a folder with a model's files. */
export const packagedModel = 'moonshine-tiny-en';
